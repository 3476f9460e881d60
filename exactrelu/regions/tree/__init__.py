"""The refinement tree: configurations in any dimension, unit after unit, with a refutation for every dead end."""
