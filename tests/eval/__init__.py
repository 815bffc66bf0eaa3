"""How the product reads labelled real mail, which lies outside the project: floors a little below what was reached."""
