"""The read side: a question goes in, ranked hits and an answer come out."""
