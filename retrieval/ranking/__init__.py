"""From candidates to their order, and to how sure the first of them is."""
