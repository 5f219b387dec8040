"""The forms of the hiring pages: a job, inline edits, moves, rejections and notes."""

from django import forms
from django.core.exceptions import ValidationError

from .models import Application, ApplicationStatus, EmploymentType, Job, JobStatus, Note, RejectionReason, Stage

LONGEST_SKILL = 80
MOST_NAMES = 50


class NamesField(forms.CharField):
    """A comma list of names, each once in any letter case. Cleans to a list; `max_length` and every other check is for each name."""

    def to_python(self, value):
        """Split, trim, drop repetitions; the first way of writing a name stays."""
        names = [" ".join(name.split()) for name in super().to_python(value).split(",")]
        return list({name.lower(): name for name in reversed(names) if name}.values())[::-1]

    def run_validators(self, value):
        """Check the number of names, then each of them."""
        if len(value) > MOST_NAMES:
            raise ValidationError("At most %(most)s names.", code="too_many", params={"most": MOST_NAMES})
        for name in value:
            super().run_validators(name)

    def widget_attrs(self, widget):
        """The text may be longer than one name."""
        return {}


class JobForm(forms.ModelForm):
    """Everything a recruiter says about a job, its skills by name."""

    employment_type = forms.MultipleChoiceField(choices=EmploymentType, required=False, widget=forms.CheckboxSelectMultiple)
    remote_countries = NamesField(
        max_length=60, required=False, help_text="For remote jobs: where people may work from, with commas. Worldwide is fine."
    )
    required_skills = NamesField(max_length=LONGEST_SKILL, required=False, help_text="With commas: Python, SQL. New ones are made.")
    nice_skills = NamesField(max_length=LONGEST_SKILL, required=False, label="Nice to have", help_text="With commas.")

    field_order = [
        "title",
        "department",
        "pipeline",
        "openings",
        "workplace",
        "city",
        "region",
        "country",
        "remote_countries",
        "required_skills",
        "nice_skills",
    ]

    class Meta:
        model = Job
        fields = [
            "title",
            "department",
            "pipeline",
            "openings",
            "workplace",
            "city",
            "region",
            "country",
            "remote_countries",
            "employment_type",
            "salary_min",
            "salary_max",
            "salary_currency",
            "salary_period",
            "closes_at",
            "description",
        ]
        widgets = {
            "closes_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "description": forms.Textarea(attrs={"rows": 12}),
        }
        labels = {
            "closes_at": "Leaves the board on",
            "salary_min": "Salary from",
            "salary_max": "Salary to",
            "salary_currency": "Currency",
            "salary_period": "Paid for",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            links = list(self.instance.job_skills.select_related("skill"))
            self.initial["required_skills"] = ", ".join(link.skill.name for link in links if link.required)
            self.initial["nice_skills"] = ", ".join(link.skill.name for link in links if not link.required)
            self.initial["remote_countries"] = ", ".join(self.instance.remote_countries)
            if self.instance.applications.exists():
                self.fields["pipeline"].disabled = True
                self.fields["pipeline"].help_text = "Applications are in its stages already."
        else:
            self.fields["pipeline"].initial = self.fields["pipeline"].queryset.filter(is_default=True).first()


class OpeningsForm(forms.Form):
    """One opening more or less."""

    by = forms.TypedChoiceField(choices=[("1", "one more"), ("-1", "one less")], coerce=int)


class StatusForm(forms.Form):
    """A new status of a job."""

    status = forms.ChoiceField(choices=JobStatus)


class MoveForm(forms.Form):
    """The stage to move an application to, one of its own job's pipeline."""

    stage = forms.ModelChoiceField(queryset=Stage.objects.none())

    def __init__(self, data, *, application: Application):
        super().__init__(data)
        self.fields["stage"].queryset = Stage.objects.filter(pipeline=application.job.pipeline_id)


class RatingForm(forms.Form):
    """One star more or less."""

    by = forms.TypedChoiceField(choices=[("1", "one more"), ("-1", "one less")], coerce=int)


class OutcomeForm(forms.Form):
    """How an application ends, or that it goes on."""

    outcome = forms.ChoiceField(
        choices=[(ApplicationStatus.REJECTED, "Reject"), (ApplicationStatus.WITHDRAWN, "Withdrawn"), (ApplicationStatus.ACTIVE, "Reopen")]
    )
    reason = forms.ModelChoiceField(queryset=RejectionReason.objects.all(), required=False)

    def clean(self):
        """A rejection has a reason."""
        cleaned = super().clean()
        if cleaned.get("outcome") == ApplicationStatus.REJECTED and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Choose why the application is rejected.")
        return cleaned


class NoteForm(forms.ModelForm):
    """What somebody writes about an application or candidate."""

    class Meta:
        model = Note
        fields = ["body", "visibility"]
        widgets = {"body": forms.Textarea(attrs={"rows": 3})}
        labels = {"body": "Note"}
        error_messages = {"body": {"required": "A note says something."}}
