"""Polynomial queries: Bernstein forms on simplices, exact search and evidence, cell by cell."""
