"""``python -m abm`` where the command ``abm`` is not on the path."""

from abm.cli.main import main

if __name__ == "__main__":
    main()
