"""The portal as a WSGI application, for any server: `app:app`."""

from portal import create_app

app = create_app()
