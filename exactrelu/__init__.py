"""Exact rational analysis of ReLU networks, with evidence that a stand-alone checker verifies."""
