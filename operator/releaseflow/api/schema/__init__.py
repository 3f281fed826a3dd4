"""What a CRD's schema is made of: the base model, bounded types, and rules in CEL."""
