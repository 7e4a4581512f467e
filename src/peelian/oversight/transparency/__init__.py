"""What the town tells of its uses: register, inventory, bylaws, yearly counts, and entries for machines."""
