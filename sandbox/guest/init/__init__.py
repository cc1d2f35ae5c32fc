"""Process number one of a machine: makes its view of the world, starts processes in it, keeps its services.

Standard library only: this runs before and behind the walls that it builds.
"""
