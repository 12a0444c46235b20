"""A year of many counties, made up from a seed and given as the commands that people would give.

Nothing here is a real figure. Units, indicators and amounts are composed from short lists; every
actor and organisation id begins with ``generated``, so that no generated fact is taken for a real
one. The same arguments give the same facts, byte for byte, however often a run is cut off and
however many processes share the counties.

``plan``: what is to be made, and which command ids belong to it. ``county``: all scripts of a
county in the order of time. ``money``, ``forms`` and ``bureau``: the scripts, one each for a
unit's ledger, a form, and what the county's finance bureau does. ``running``: carrying it out.
"""
