"""Postings on disk, and the search over them.

An index is a folder of segments; a manifest (`manifest.py`) lists the segments of a generation. To build one, `builder.py`
has `tokens.py` (with `forms.py`) turn articles into word ids, `inverter.py` into postings, and `merger.py` (with
`merger_input.py`) into a segment, which `segment.py` writes and maps into memory. To answer a question,
`query_reader.py` makes a query of its words, which it looks up in `vocabulary.py`, and `searcher.py` asks each
`segment_searcher.py`, which adds up all postings (`full_search.py`) or only those that matter (`pruned_search.py`, with `postings.py` and `scorer.py`); `top_k.py` keeps the best sentences.
`bm25.py` has the fields and the formula. `candidates.py` then collects what ranking needs, as `records.py` describes it.
"""
