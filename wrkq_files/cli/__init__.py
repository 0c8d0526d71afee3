"""The command line: words in, words out. The only room that knows the terminal and the environment."""
