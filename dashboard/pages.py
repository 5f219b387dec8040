"""The template engine of the settings: Django's, whose templates let go of what they showed as soon as it is drawn.

Every layer of a context points back at the context. What a page was made of, thousands of objects, would wait for the garbage collector, which
then takes a tenth of the time of all requests and a whole page's time of one.
"""

from django.template import TemplateDoesNotExist
from django.template.backends import django
from django.template.context import make_context


class Template(django.Template):
    """A template as Django has it."""

    def render(self, context=None, request=None):
        """The text; the context is empty afterwards."""
        shown = make_context(context, request, autoescape=self.backend.engine.autoescape)
        try:
            return self.template.render(shown)
        except TemplateDoesNotExist as missing:
            django.reraise(missing, self.backend)
        finally:
            shown.dicts.clear()


class Templates(django.DjangoTemplates):
    """The engine."""

    def get_template(self, template_name):
        """The template of this name."""
        found = super().get_template(template_name)
        return Template(found.template, self)
