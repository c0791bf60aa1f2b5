"""What citebot knows about text: languages, paragraphs, sentences, terms. Nothing is imported here, so that a question starts fast."""
