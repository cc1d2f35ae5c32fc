"""What a student gets, as Pulumi components."""
