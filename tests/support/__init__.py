"""What several tests share: fakes of the ports."""
