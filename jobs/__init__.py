"""Operations on the store shared by the app and the command line, and the runner that gives a job its own process."""
