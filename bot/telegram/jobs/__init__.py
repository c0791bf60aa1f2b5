"""Jobs that change the articles, each in a child process."""
