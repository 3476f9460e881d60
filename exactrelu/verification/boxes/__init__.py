"""Linear queries: branch and bound over boxes with certified float bounds, and exact programs over units' signs."""
