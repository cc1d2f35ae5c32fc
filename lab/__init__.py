"""Many students: roster, stacks, costs, pull-request previews and the `lab` command line."""
