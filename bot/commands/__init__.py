"""The commands of `citebot`, a file for each group of them: from words on the command line to an exit code."""
