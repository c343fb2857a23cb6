"""Ironic's network interface ``netprov``: netprov workers move the nodes between networks."""

__version__ = '0.1.0'
