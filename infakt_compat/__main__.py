"""`python -m infakt_compat`."""

from infakt_compat.cli.main import main

if __name__ == "__main__":
    main()
