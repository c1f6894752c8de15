"""The command ``abm``: one file per subcommand. What a command needs loads when it runs, so help is quick."""
