"""Verification: does some input make a network's output violate a property?

`formulas` are Boolean combinations of polynomial comparisons, `query` joins one to a network.
"""
