"""Bytes to plain trees and back. A codec knows the form of a document, not what its fields mean."""
