"""Alembic's entry: runs the revisions on the connection that ``adapters.migration`` hands over.

That connection is inside a transaction already, so that all revisions come or none.
"""

from alembic import context

from adapters.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
