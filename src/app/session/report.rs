//! What a session reads as reports, each until it is not wanted any more; and the series that it deletes.

use super::{Made, Session, Target};
use crate::app::access::Operation;
use crate::app::error::Error;
use crate::app::report::change::{DiffAsked, DiffReport};
use crate::app::report::fleet::exposure::{ExposureAsked, ExposureReport};
use crate::app::report::fleet::review::{ReviewAsked, ReviewReport, ReviewsReport};
use crate::app::report::fleet::series::{DeletedReport, SeriesReport};
use crate::app::report::log::{LogAsked, LogReport};
use crate::app::report::merge::{MergeAsked, MergeChanges, MergePreviewReport};
use crate::app::report::page::PageAsked;
use crate::app::report::resource::{BlameReport, ResourceReport};
use crate::app::report::search::{SearchAsked, SearchReport};
use crate::app::report::suspect::{SuspectsAsked, SuspectsReport};
use crate::graph::Author;
use crate::model::sync::cancellation::Cancellation;
use crate::telemetry::Selection;

impl Session {
    /// Returns a page of the commits behind a version.
    pub fn log_report(&self, asked: &LogAsked, wanted: &Cancellation) -> Result<LogReport, Error> {
        LogReport::read(self.read()?, asked, wanted)
    }

    /// Returns a page of what differs between two versions.
    pub fn diff_report(&self, asked: &DiffAsked, wanted: &Cancellation) -> Result<DiffReport, Error> {
        DiffReport::read(self.read()?, asked, wanted)
    }

    /// Returns a resource as Turtle.
    pub fn resource_report(
        &self,
        resource: &str,
        version: &str,
        wanted: &Cancellation,
    ) -> Result<ResourceReport, Error> {
        ResourceReport::read(self.read()?, resource, version, wanted)
    }

    /// Returns the statements of a resource with the commits that made them.
    pub fn blame_report(
        &self,
        resource: &str,
        version: &str,
        wanted: &Cancellation,
    ) -> Result<BlameReport, Error> {
        BlameReport::read(self.read()?, resource, version, wanted)
    }

    /// Returns the resources that have certain words.
    pub fn search_report(&self, asked: &SearchAsked, wanted: &Cancellation) -> Result<SearchReport, Error> {
        SearchReport::read(self.read()?, asked, wanted)
    }

    /// Returns a page of the suspect links of a version.
    pub fn suspects_report(
        &self,
        asked: &SuspectsAsked,
        wanted: &Cancellation,
    ) -> Result<SuspectsReport, Error> {
        SuspectsReport::read(self.read()?, asked, wanted)
    }

    /// Describes what a merge would come to.
    pub fn merge_report(
        &self,
        asked: &MergeAsked,
        wanted: &Cancellation,
    ) -> Result<MergePreviewReport, Error> {
        MergePreviewReport::read(self.read()?, asked, wanted)
    }

    /// Returns a page of what a merge would change.
    pub fn merge_changes(
        &self,
        asked: &MergeAsked,
        page: &PageAsked,
        wanted: &Cancellation,
    ) -> Result<MergeChanges, Error> {
        MergeChanges::read(self.read()?, asked, page, wanted)
    }

    /// Describes what changes would touch.
    pub fn exposure_report(
        &self,
        asked: &ExposureAsked,
        wanted: &Cancellation,
    ) -> Result<ExposureReport, Error> {
        ExposureReport::read(self.read()?, asked, wanted)
    }

    /// Lists the reviews, as a version has them.
    pub fn reviews_report(&self, version: &str, wanted: &Cancellation) -> Result<ReviewsReport, Error> {
        ReviewsReport::read(self.read()?, version, wanted)
    }

    /// Describes what has changed since a review was opened.
    pub fn review_report(&self, asked: &ReviewAsked, wanted: &Cancellation) -> Result<ReviewReport, Error> {
        ReviewReport::read(self.read()?, asked, wanted)
    }

    /// Lists a page of the series that are meant.
    pub fn series_report(&self, selection: &Selection, page: &PageAsked) -> Result<SeriesReport, Error> {
        SeriesReport::read(self.read()?, selection, page)
    }

    /// Deletes the series that are meant, with their samples, for ever; a dry run only looks for them.
    pub fn delete_series(&self, selection: &Selection, is_dry: bool) -> Result<DeletedReport, Error> {
        let Selection { twin, measurement, field } = selection;
        let dry = if is_dry { "dry run of deleting" } else { "deleting" };
        let target = Target::of(format!("{dry} the series {twin} {measurement} {field}"));
        self.perform(Operation::Maintain, &target, &Author::default(), |_| {
            DeletedReport::delete(&self.app, selection, is_dry)
        })
    }
}

impl Made for DeletedReport {}
