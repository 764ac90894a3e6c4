"""Definitions made to harm: each must end in findings, quickly and in little memory."""
