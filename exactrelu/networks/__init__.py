"""Networks over Q: layers, activations with two slopes, configurations, affine maps, lowering, builders."""
