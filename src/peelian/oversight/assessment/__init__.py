"""The impact assessment: questions and weights of Canada's tool, its level, and what the level asks for before use."""
