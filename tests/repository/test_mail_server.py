"""The demonstration's mail server keeps each message whole, in the order in which they came."""

import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from demo.mail_server import mail_server
from tests.mailbox import free_port


def letter(number: int) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = "passage@example.org", "traveller@example.org"
    message["Subject"] = f"Numéro {number}"
    message.set_content("Votre demande est reçue.\n.\n..un point au début\n")
    return message


def test_messages_are_kept_whole_and_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    port = free_port()
    server = mail_server(port, folder)
    server.start()
    try:
        with smtplib.SMTP("127.0.0.1", port) as connection:
            for number in range(3):
                connection.send_message(letter(number))
    finally:
        server.stop()
    kept = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.iterdir())]
    assert [message["Subject"] for message in kept] == ["Numéro 0", "Numéro 1", "Numéro 2"]
    assert kept[0].get_content().splitlines() == letter(0).get_content().splitlines()
    assert folder.stat().st_mode & 0o777 == 0o700
