"""The UCI "Online Retail" file: the invoices of a British gift web shop, 2010-12-01 to 2011-12-09.

Chen, D. (2015). Online Retail. UCI Machine Learning Repository, https://doi.org/10.24432/C5BW33, CC BY 4.0.
"""

from apps.tills.adapters.online_retail.adapter import OnlineRetail

__all__ = ["OnlineRetail"]
