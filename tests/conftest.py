"""What holds for every test: no test asserts absolute times, and neither does Hypothesis."""

from hypothesis import settings

settings.register_profile("liuhen", deadline=None)
settings.load_profile("liuhen")
