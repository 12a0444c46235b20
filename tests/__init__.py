"""The tests of Liuhen."""
