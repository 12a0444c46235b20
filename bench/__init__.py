"""What Liuhen reaches, measured against the raw limit of the same machine in the same run."""
