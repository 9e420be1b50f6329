from django.urls import path

from apps.loyalty.enrolment import staff
from apps.loyalty.views import LoyaltyPanel, PointsOfCustomer

app_name = "loyalty"

urlpatterns = [
    path("new-card/", staff.NewCard.as_view(), name="new-card"),
    path("new-card/<uuid:key>/", staff.InvitationNews.as_view(), name="invitation"),
    path("<uuid:key>/", PointsOfCustomer.as_view(), name="points"),
    path("<uuid:key>/standing/", LoyaltyPanel.as_view(), name="standing"),
    path("<uuid:key>/card/", staff.CardOfCustomer.as_view(), name="card"),
    path("<uuid:key>/card/mail/", staff.MailCard.as_view(), name="mail-card"),
    path("<uuid:key>/card/stop-links/", staff.StopCardLinks.as_view(), name="stop-links"),
]
