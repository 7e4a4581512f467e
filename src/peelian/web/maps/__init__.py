"""What maps on pages are made of: ground, areas, planes of numbers, words and scripts."""
