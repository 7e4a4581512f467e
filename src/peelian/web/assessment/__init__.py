"""Impact assessments: every signed one, the draft, and the steps that follow."""
