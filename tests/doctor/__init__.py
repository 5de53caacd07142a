"""What is wrong with installations: a module of causes for each group of the doctor's checks."""
