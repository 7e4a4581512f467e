"""Policy: Cedar policies, entities, and the policy decision: a permit, or reasons with their remedies."""
