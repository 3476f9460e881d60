"""The subdivision complex: all faces of a network's polyhedral complex, refined by one unit at a time."""
