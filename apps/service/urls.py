from django.urls import path

from apps.service import views

app_name = "service"

urlpatterns = [
    path("", views.ContactList.as_view(), name="contacts"),
    path("desk/", views.Desk.as_view(), name="desk"),
    path("step/", views.Step.as_view(), name="step"),
    path("new/", views.NewContact.as_view(), name="new"),
    path("topics/", views.TopicList.as_view(), name="topics"),
    path("topics/new/", views.AddTopic.as_view(), name="add-topic"),
    path("topics/<slug:code>/", views.ChangeTopic.as_view(), name="change-topic"),
    path("questions/", views.QuestionList.as_view(), name="questions"),
    path("questions/<uuid:key>/", views.QuestionPage.as_view(), name="question"),
    path("questions/<uuid:key>/answer/", views.AnswerQuestion.as_view(), name="answer"),
    path("<uuid:key>/", views.ContactPage.as_view(), name="contact"),
    path("with/<uuid:key>/", views.ComposeContact.as_view(), name="compose"),
    path("with/<uuid:key>/log/", views.LogContact.as_view(), name="log"),
    path("with/<uuid:key>/begin/", views.Begin.as_view(), name="begin"),
]
