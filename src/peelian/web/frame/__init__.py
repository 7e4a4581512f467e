"""What every page shares: navigation, titles, lists, forms with files, errors and what would put them right."""
