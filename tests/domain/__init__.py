"""The specification of the domain: given, when, then."""
