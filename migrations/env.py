"""Runs the migrations on the connection that `portal.migrate` hands over."""

from alembic import context

from portal.models import Base


def belongs_to_us(name: str | None, kind: str, parents: object) -> bool:
    """Whether autogenerate may look at a name: the queue's own tables are Procrastinate's."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_name=belongs_to_us,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
