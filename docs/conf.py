"""How Sphinx builds the site: pages in MyST, and the API from the docstrings."""

import collections
import inspect
import os
import pathlib
import sys

from sphinx.util.inspect import stringify_signature

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

import kerasseq

project = "kerasseq"
version = release = kerasseq.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
copybutton_selector = ":is(.highlight-python, .highlight-py, .highlight-sh) pre"  # no outputs
exclude_patterns = ["_build"]
smartquotes_action = "D"

html_theme = "furo"
html_title = "kerasseq"
html_static_path = ["static"]
html_css_files = ["page.css"]
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

# Docstrings write `(B, S)` between single backticks.
default_role = "literal"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
napoleon_attr_annotations = False
napoleon_custom_sections = [("Call arguments", "params_style")]
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
toc_object_entries_show_parents = "hide"

# The fields of a named tuple are described in its docstring.
FIELD = type(collections.namedtuple("Pair", "first").first)


def skip_fields(app, what, name, member, *rest):
    """Leaves out what Python itself says about a named tuple's fields."""
    return isinstance(member, FIELD) or None


def sign(app, what, name, member, *rest):
    """A layer's arguments from its own constructor: Keras' metaclass hides them."""
    if what == "class" and "__init__" in vars(member):
        parameters = list(inspect.signature(member.__init__).parameters.values())[1:]
        named = [each for each in parameters if each.kind is not each.VAR_KEYWORD]
        return stringify_signature(inspect.Signature(named)), None
    return None


def setup(app):
    """Connects the functions above."""
    app.connect("autodoc-skip-member", skip_fields)
    app.connect("autodoc-process-signature", sign)
