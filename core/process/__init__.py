"""Between the processes: finding, starting and replacing the worker; memory both can see."""
