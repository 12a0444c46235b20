"""Everything that touches the world: database, settings, signing, files."""
