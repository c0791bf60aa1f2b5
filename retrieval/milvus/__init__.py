"""The retrieval on a Milvus: the same sentences, ranked alike, for many machines.

A load writes to SQLite as ever. `upload` makes the engine hold what the store holds, and publishes that by one small
write. Elsewhere `download` fills a store that starts with nothing: the list of articles and the words of the vocabulary
when a generation is first asked, an article when it is first needed. `search` finds the articles that can hold the best
sentences, and ranks those by the index in memory, exactly as the local one does.
"""
