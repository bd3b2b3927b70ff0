"""The command line: a module a command. The only place that prints."""
