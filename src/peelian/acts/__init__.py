"""Acts of people, each declared once, in the file of its first word. Command, form, program's entry and door follow."""
