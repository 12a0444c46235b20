"""Others that do the same work: the ``eventsourcing`` library as it comes, SQLAlchemy-Continuum,
and emmett.

Each gets the same document for a change, the same database and the same durability. What each does
not do stands in its module.
"""
